import { EventEmitter } from 'eventemitter3'
import { expect, test } from 'vitest'
import { reactNativeWake, type NetworkState } from '../../../src/adapters/react-native/index.ts'
import { setSession, setStage } from '../../stage.ts'

/** A device of which the test says what the user and the network do. */
function device({ currentState = 'active', now = () => 0 }: { currentState?: string; now?: () => number } = {}) {
  const emitter = new EventEmitter()
  const AppState = {
    currentState,
    addEventListener: (type: 'change', listener: (status: string) => void) => {
      emitter.on(type, listener)
      return { remove: () => void emitter.off(type, listener) }
    },
  }
  const NetInfo = {
    addEventListener: (listener: (state: NetworkState) => void) => {
      emitter.on('network', listener)
      return () => void emitter.off('network', listener)
    },
  }
  return {
    AppState,
    wake: reactNativeWake({ AppState, NetInfo, now }),
    listeners: () => emitter.listenerCount('change') + emitter.listenerCount('network'),
    app: (...statuses: string[]) => {
      for (const status of statuses) {
        AppState.currentState = status
        emitter.emit('change', status)
      }
    },
    network: (type: string, isConnected: boolean | null) => void emitter.emit('network', { type, isConnected }),
  }
}

function heardFrom({ wake }: ReturnType<typeof device>) {
  const heard: string[] = []
  const stop = wake.listen((news) => heard.push(news))
  return { heard, stop }
}

test('one way out and back is one absence, with inactive on both ways, and however often a status is said', () => {
  const phone = device()
  const { heard } = heardFrom(phone)
  phone.app('inactive', 'background', 'background', 'inactive', 'active', 'active')
  expect(heard).toEqual(['hidden', 'active'])
})

test('Android, which knows no inactive', () => {
  const phone = device()
  const { heard } = heardFrom(phone)
  phone.app('background', 'active', 'background', 'active')
  expect(heard).toEqual(['hidden', 'active', 'hidden', 'active'])
})

test('something in front of the app for a moment is no absence; for longer it is', () => {
  let now = 0
  const phone = device({ now: () => now })
  const { heard } = heardFrom(phone)
  phone.app('inactive')
  now += 1_999
  phone.app('active', 'inactive')
  expect(heard).toEqual([])
  now += 2_000
  phone.app('active')
  expect(heard).toEqual(['active'])
})

test('an app that was started in the background is active when it is opened', () => {
  const phone = device({ currentState: 'background' })
  const { heard } = heardFrom(phone)
  expect(phone.wake.hidden()).toBe(true)
  phone.app('active')
  expect(heard).toEqual(['active'])
})

test('only in the background an app is hidden', () => {
  const phone = device()
  const hidden = ['active', 'inactive', 'background', 'unknown', 'extension'].filter((status) => {
    phone.app(status)
    return phone.wake.hidden()
  })
  expect(hidden).toEqual(['background'])
})

test('offline is what NetInfo says for sure', () => {
  const phone = device()
  expect(phone.wake.offline()).toBe(false)
  const { heard } = heardFrom(phone)
  phone.network('wifi', true)
  phone.network('none', false)
  expect([phone.wake.offline(), heard]).toEqual([true, ['offline']])
  phone.network('unknown', null)
  expect(phone.wake.offline()).toBe(false)
  phone.network('wifi', true)
  phone.network('cellular', true)
  expect([phone.wake.offline(), heard]).toEqual([false, ['offline', 'online', 'online']])
})

test('without NetInfo nothing counts as offline', () => {
  const { AppState } = device()
  const wake = reactNativeWake({ AppState })
  wake.listen(() => {})()
  expect(wake.offline()).toBe(false)
})

test('stopping leaves no listener', () => {
  const phone = device()
  const { heard, stop } = heardFrom(phone)
  expect(phone.listeners()).toBe(2)
  stop()
  phone.app('background', 'active')
  expect([phone.listeners(), heard]).toEqual([0, []])
})

test('a client that comes back with its app probes its link, and dials a lost one, once', async () => {
  const phone = device()
  const { client, log, link, links, clock } = await setSession({ wake: phone.wake })
  const count = (type: string) => log.filter((record) => record.type === type).length
  phone.app('inactive', 'active')
  expect(count('probe')).toBe(0)
  phone.app('background', 'inactive', 'active')
  expect(count('probe')).toBe(1)

  phone.app('background')
  link.wire.cut()
  await clock.advance(60_000)
  expect([links.length, client.state]).toEqual([1, { status: 'paused', reason: 'hidden' }])
  phone.app('inactive', 'active')
  await clock.settle()
  expect(links.length).toBe(2)
})

test('closing the client leaves no listener', () => {
  const phone = device()
  const { client } = setStage({ wake: phone.wake })
  expect(phone.listeners()).toBe(2)
  client.close()
  expect(phone.listeners()).toBe(0)
})
