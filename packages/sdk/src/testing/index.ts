export type { PairedSocket } from './paired-socket.ts'
export { socketPair, webSocketTo, type Accept, type Direction, type SocketPair, type Wire } from './socket-pair.ts'
export { testClock, type TestClock } from './test-clock.ts'
