import { asyncStorage, reactNativeWake } from '@throughline/sdk/react-native'
import { comeBack } from './come-back.ts'

Object.assign(globalThis, { comeBack, asyncStorage, reactNativeWake })
