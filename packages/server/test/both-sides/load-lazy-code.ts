import { connect } from '@throughline/sdk'
import { memoryStorage } from '@throughline/sdk/storage'

/** Has the SDK load the code that it loads when it is needed first: that takes time, and a schedule must not depend on how much. */
export async function loadLazyCode(): Promise<void> {
  await new Promise<void>((resolve) => {
    const client = connect('http://nowhere', {
      user: 'local',
      storage: memoryStorage(),
      random: () => 0,
      WebSocket: function dial() {
        throw new TypeError('there are no WebSockets here')
      } as never,
      fetch: async () => {
        await client.recall('nothing')
        client.close()
        resolve()
        throw new TypeError('there is no server here')
      },
    })
    client.session('nothing')
  })
}
