export { webSocketTo, type Accept, type Direction, type PairedSocket, type Wire } from './socket-pair.ts'
export { socketPair, type SocketPair } from './socket-pair.ts'
export { testClock, type TestClock } from './test-clock.ts'
