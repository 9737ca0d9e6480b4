import AsyncStorage from '@react-native-async-storage/async-storage'
import NetInfo from '@react-native-community/netinfo'
import type { ConnectOptions } from '@throughline/sdk'
import { asyncStorage, reactNativeWake } from '@throughline/sdk/react-native'
import AsyncStorage3, { createAsyncStorage } from 'async-storage-3'
import { AppState } from 'react-native'

// Only compiled: what React Native and its community give fits as it is, in the versions that are in use.
export const accepted: readonly ConnectOptions[] = [
  { wake: reactNativeWake({ AppState }) },
  { wake: reactNativeWake({ AppState, NetInfo }), storage: asyncStorage(AsyncStorage) },
  { storage: asyncStorage(AsyncStorage3) },
  { storage: asyncStorage(createAsyncStorage('sessions')) },
]

// @ts-expect-error NetInfo tells nothing of the app.
export const refused = reactNativeWake({ AppState: NetInfo })
