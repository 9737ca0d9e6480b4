import AsyncStorage from '@react-native-async-storage/async-storage'
import NetInfo from '@react-native-community/netinfo'
import { connect } from '@throughline/sdk'
import { asyncStorage, reactNativeWake } from '@throughline/sdk/react-native'
import { AppState } from 'react-native'

/** The server, as the phone sees it: `npm start -- --host 0.0.0.0 --token me:…` on a machine of the same network. */
const SERVER = 'http://192.168.1.10:7420'

/** The app's one client. It dials when the first component shows something, and checks its link whenever the app comes back. */
export const client = connect(SERVER, {
  name: 'throughline-example-react-native',
  token: 'a-token-of-the-server',
  user: 'me',
  wake: reactNativeWake({ AppState, NetInfo }),
  storage: asyncStorage(AsyncStorage),
})
