import { connect } from '@throughline/sdk'
import { app } from './app.ts'
import { focusedSession } from './layout/focused-session.ts'
import { lineSwitches } from './line-switches.ts'
import { signIn } from './sign-in.ts'
import { visitorMemory } from './visitor.ts'

const visitor = visitorMemory()

/** Shows the page for the visitor of this browser, until they sign out or the server does not accept their token. */
function start(): void {
  const switches = lineSwitches()
  const hadToken = visitor.token() !== undefined
  const client = connect(location.origin, {
    name: 'throughline-web',
    token: visitor.token,
    user: visitor.user(),
    WebSocket: switches.WebSocket,
    fetch: switches.fetch,
  })
  const page = app({ client, switches, ...(hadToken && { signOut }) })
  const stops = [
    client.on('principal', visitor.know),
    client.on('state', (state) => {
      if (state.status === 'closed' && state.reason.code === 'unauthorized') refused()
    }),
    visitor.onSignedOut(signOut),
  ]

  function signOut(): void {
    visitor.signOut()
    focusedSession().forget()
    leave()
    document.body.replaceChildren()
    void client.signOut().then(() => ask(undefined))
  }

  function refused(): void {
    visitor.refuse()
    leave()
    client.close()
    ask(hadToken ? 'The server does not accept this token.' : undefined)
  }

  function leave(): void {
    for (const stop of stops) stop()
    page.dispose()
  }

  document.body.replaceChildren(page.element)
}

function ask(problem: string | undefined): void {
  document.body.replaceChildren(
    signIn(problem, (token) => {
      visitor.enter(token)
      start()
    }),
  )
}

start()
