import { expect, test } from 'vitest'
import { batch, cursor, resumed, setStage, snapshot } from '../stage.ts'

test('smoke', async () => {
  const { client, welcomed, log, clock } = setStage()
  const session = client.session('s')
  const link = await welcomed()
  const attach = await link.hears('attach')
  expect(attach).not.toHaveProperty('cursor')
  await link.says(snapshot(attach.id, 's', 3), batch('s', 4), batch('s', 5))
  expect(session.state.custom).toEqual({ note: 5 })
  expect(session.state.caughtUp).toBe(true)
  link.wire.cut()
  const second = await welcomed()
  const again = await second.hears('attach')
  expect(again.cursor).toBe(cursor(5))
  await second.says(resumed(again.id, 's', 6), batch('s', 6))
  expect(session.state.custom).toEqual({ note: 6 })
  client.close()
  expect(clock.pending).toBe(0)
  console.log(log)
})
