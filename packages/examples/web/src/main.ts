import { connect } from '@throughline/sdk'
import { app } from './app.ts'
import { lineSwitches } from './line-switches.ts'
import { signIn } from './sign-in.ts'
import { tokenMemory } from './token.ts'

const token = tokenMemory()

/** Shows the page for the token of this tab, until the server does not accept it. */
function start(): void {
  const switches = lineSwitches()
  const client = connect(location.origin, {
    name: 'throughline-web',
    token: token.get,
    WebSocket: switches.WebSocket,
    fetch: switches.fetch,
  })
  const page = app({ client, switches, ...(token.get() !== undefined && { signOut: () => end(undefined) }) })

  function end(problem: string | undefined): void {
    off()
    page.dispose()
    client.close()
    token.forget()
    document.body.replaceChildren(signIn(problem, enter))
  }

  const off = client.on('state', () => {
    if (client.state.status !== 'closed' || client.state.reason.code !== 'unauthorized') return
    end(token.get() === undefined ? undefined : 'The server does not accept this token.')
  })
  document.body.replaceChildren(page.element)
}

function enter(value: string): void {
  token.set(value)
  start()
}

start()
