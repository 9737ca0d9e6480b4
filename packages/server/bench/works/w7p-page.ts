import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { createServer, noTokens, openStore, type Agent } from '../../src/index.ts'
import { MESSAGE_ID, tokenEvent } from '../event.ts'
import { labelOf, type Contender } from '../lab.ts'
import { openTap, pace } from '../tokens.ts'
import type { Work } from '../work.ts'

const QUESTIONS = 500
const SECONDS = 8
const CLIENT: Contender = { peer: 'throughline' }
const PRINCIPAL = 'local'
const PAGE = fileURLToPath(new URL('../../../examples/web/dist', import.meta.url))
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

export const page: Work = {
  name: 'W7p',
  title: 'Frames that the web example draws while an answer comes, with 1,000 messages before it',
  text: `The built page in a headless Chromium without a graphics card, for ${SECONDS} s each: frames a second, and the longest of all but one in a hundred. Beside it the same page while nothing comes.`,
  contenders: [CLIENT],
  columns: [
    { figure: 'idle', title: 'nothing comes, frames/s', digits: 1 },
    { figure: 'idleP99', title: 'p99, ms', digits: 1 },
    { figure: 'slow', title: '100 tokens/s, frames/s', digits: 1 },
    { figure: 'slowP99', title: 'p99, ms', digits: 1 },
    { figure: 'fast', title: '1,000 tokens/s, frames/s', digits: 1 },
    { figure: 'fastP99', title: 'p99, ms', digits: 1 },
  ],
  goals: [{ text: '≥ 59 frames/s at 100 tokens/s', value: (of) => of(labelOf(CLIENT), 'slow'), atLeast: 59 }],
  mostRuns: 3,
  async measure() {
    const directory = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
    const speaker = openSpeaker()
    const store = await openStore(`sqlite:${join(directory, 'throughline.db')}`)
    const server = await createServer({ store, agents: [speaker.agent], authenticate: noTokens(), web: PAGE })
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
    try {
      const { session } = await server.host.create(PRINCIPAL, { title: 'A long conversation' })
      for (let question = 0; question < QUESTIONS; question += 1) {
        const ended = new Promise<void>((resolve) => {
          const forget = server.host.on('runEnd', () => resolve(forget()))
        })
        await server.host.send(session.id, 'Go on', { by: PRINCIPAL })
        await ended
      }
      const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await tab.goto(await server.listen({ host: '127.0.0.1', port: 0 }))
      await tab.getByText('An answer of some length.').last().waitFor()
      const draw = () => tab.evaluate<Frames>(`(${watchFrames.toString()})(${SECONDS})`)
      const drawAt = async (perSecond: number) => {
        const tap = speaker.speakNext()
        await server.host.send(session.id, 'Speak', { by: PRINCIPAL })
        await tap.asked
        const [frames] = await Promise.all([draw(), pace([tap], perSecond, SECONDS)])
        tap.end()
        return frames
      }
      const idle = await draw()
      const slow = await drawAt(100)
      const fast = await drawAt(1000)
      return { idle: idle.rate, idleP99: idle.p99, slow: slow.rate, slowP99: slow.p99, fast: fast.rate, fastP99: fast.p99 }
    } finally {
      await browser.close()
      await server.close()
      await rm(directory, { recursive: true, force: true })
    }
  },
}

/** An agent that answers shortly, but where somebody else is to speak. */
function openSpeaker() {
  let next: ReturnType<typeof openTap> | undefined
  const agent: Agent = {
    name: 'bench',
    async *run() {
      const tap = next
      next = undefined
      yield { type: 'TEXT_MESSAGE_START', messageId: MESSAGE_ID, role: 'assistant' }
      if (tap === undefined) yield { type: 'TEXT_MESSAGE_CONTENT', messageId: MESSAGE_ID, delta: 'An answer of some length.' }
      else for await (const token of tap.tokens) yield tokenEvent(`${token} `)
      yield { type: 'TEXT_MESSAGE_END', messageId: MESSAGE_ID }
    },
  }
  return {
    agent,
    speakNext() {
      const tap = openTap()
      next = tap
      return tap
    },
  }
}

interface Frames {
  readonly rate: number
  readonly p99: number
}

/** Runs in the page. */
function watchFrames(seconds: number): Promise<Frames> {
  const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame: (draw: (atMs: number) => void) => void }
  return new Promise((resolve) => {
    const lengths: number[] = []
    let beganMs: number | undefined
    let lastMs = 0
    requestAnimationFrame(function next(atMs) {
      if (beganMs === undefined) beganMs = atMs
      else lengths.push(atMs - lastMs)
      lastMs = atMs
      if (atMs - beganMs < seconds * 1000) return requestAnimationFrame(next)
      lengths.sort((one, other) => one - other)
      resolve({ rate: (lengths.length * 1000) / (atMs - beganMs), p99: lengths[Math.floor(lengths.length * 0.99)] ?? 0 })
    })
  })
}
