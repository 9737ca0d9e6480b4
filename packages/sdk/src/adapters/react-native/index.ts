export { asyncStorage, type AsyncStorageLike } from '../../saved/async-storage.ts'
export type { NetworkState } from './network-news.ts'
export { reactNativeWake, type AppStateLike, type NetInfoLike, type ReactNativeParts } from './react-native-wake.ts'
