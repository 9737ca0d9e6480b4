import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'

const STDERR = 2

/** Opens the log: lines of JSON on standard error, or readable ones where a person looks on. Written at once, so that an exit loses none. */
export function openLog(level: string, isTerminal: boolean): Logger {
  if (!isTerminal) return pino({ level }, pino.destination({ dest: STDERR, sync: true }))
  return pino({ level }, pretty({ destination: STDERR, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }))
}
