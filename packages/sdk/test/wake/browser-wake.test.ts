import { expect, test } from 'vitest'
import { browserWake, type BrowserScope } from '../../src/wake/browser-wake.ts'

class Page extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  readonly navigator = { onLine: true }

  fire(target: EventTarget, type: string, fields: object = {}): void {
    target.dispatchEvent(Object.assign(new Event(type), fields))
  }
}

function open() {
  const page = new Page()
  const wake = browserWake(page as unknown as BrowserScope)
  const heard: string[] = []
  const stop = wake.listen((news) => heard.push(news))
  return { page, wake, heard, stop }
}

test('every way back to a page is a wake signal', () => {
  const { page, heard } = open()
  page.fire(page.document, 'visibilitychange')
  page.fire(page.document, 'resume')
  page.fire(page, 'focus')
  page.fire(page, 'pageshow', { persisted: false })
  page.fire(page, 'pageshow', { persisted: true })
  page.fire(page, 'online')
  expect(heard).toEqual(['visible', 'resume', 'focus', 'pageshow', 'bfcache', 'online'])
})

test('a page that is hidden, or goes offline, says so', () => {
  const { page, wake, heard } = open()
  expect(wake.hidden()).toBe(false)
  expect(wake.offline()).toBe(false)
  page.document.visibilityState = 'hidden'
  page.navigator.onLine = false
  page.fire(page.document, 'visibilitychange')
  page.fire(page, 'offline')
  expect(heard).toEqual(['hidden', 'offline'])
  expect(wake.hidden()).toBe(true)
  expect(wake.offline()).toBe(true)
})

test('stopping leaves no listener', () => {
  const { page, heard, stop } = open()
  stop()
  for (const type of ['focus', 'pageshow', 'online', 'offline']) page.fire(page, type)
  for (const type of ['visibilitychange', 'resume']) page.fire(page.document, type)
  expect(heard).toEqual([])
})

test('without a page nothing is hidden, nothing is offline, and listening does nothing', () => {
  const wake = browserWake({})
  expect(wake.hidden()).toBe(false)
  expect(wake.offline()).toBe(false)
  expect(() => wake.listen(() => {})()).not.toThrow()
})

test('in Node the global scope will do', () => {
  expect(() => browserWake().listen(() => {})()).not.toThrow()
})

test('an app window that only loses focus is not away: that is no news', () => {
  const { page, wake, heard } = open()
  page.fire(page, 'blur')
  page.fire(page.document, 'blur')
  expect(heard).toEqual([])
  expect(wake.hidden()).toBe(false)
})

test('a page that is put into the back/forward cache, or frozen, says nothing: only its return counts', () => {
  const { page, heard } = open()
  page.fire(page, 'pagehide', { persisted: true })
  page.fire(page.document, 'freeze')
  expect(heard).toEqual([])
})
