'use client'

export { useConnection } from './use-connection.ts'
export { useSession } from './use-session.ts'
export { useSessions } from './use-sessions.ts'
