import type { WakeSource } from '../../index.ts'
import { networkNews, type NetworkState } from './network-news.ts'
import { presenceAfter, type Presence } from './presence.ts'

/** What of React Native's AppState is used. */
export interface AppStateLike {
  /** `active`, `background`, `inactive`, `unknown` or `extension`. */
  readonly currentState: string | null | undefined
  addEventListener(type: 'change', listener: (status: string) => void): { remove(): void }
}

/** What of `@react-native-community/netinfo` is used. */
export interface NetInfoLike {
  addEventListener(listener: (state: NetworkState) => void): () => void
}

/** The parts of React Native that tell about the app, given by the app, so that nothing here imports them. */
export interface ReactNativeParts {
  /** From `react-native`. */
  readonly AppState: AppStateLike
  /** From `@react-native-community/netinfo`. Without it a lost network is noticed by its silence. */
  readonly NetInfo?: NetInfoLike | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined
}

/**
 * Wake signals of a React Native app, for the option `wake`: it comes back from the background (or from being inactive for more
 * than a moment), it finds a network again, or another one. In the background it counts as hidden.
 */
export function reactNativeWake({ AppState, NetInfo, now = Date.now }: ReactNativeParts): WakeSource {
  let network: NetworkState | undefined
  return {
    hidden: () => AppState.currentState === 'background',
    offline: () => network?.isConnected === false,
    listen: (listener) => {
      let presence: Presence = presenceAfter({ kind: 'here' }, AppState.currentState, now()).presence
      const app = AppState.addEventListener('change', (status) => {
        const after = presenceAfter(presence, status, now())
        presence = after.presence
        if (after.news) listener(after.news)
      })
      const stopNetwork = NetInfo?.addEventListener((state) => {
        const news = networkNews(network, state)
        network = state
        if (news) listener(news)
      })
      return () => {
        app.remove()
        stopNetwork?.()
      }
    },
  }
}
