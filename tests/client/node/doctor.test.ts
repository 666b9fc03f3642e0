/** DR: verdicts of the doctor, with a service of doubles. */
import { clockVerdict, homeFault, nodeVerdict } from '@baton/client/node/doctor/check'
import { checkSignaling, type Get } from '@baton/client/node/doctor/signaling'
import { expect, it } from 'vitest'

const hour = 3_600_000

it('DR1 every verdict that is not ok says what to do', () => {
  const verdicts = [
    nodeVerdict('20.19.0'),
    nodeVerdict('18.2.0'),
    clockVerdict(0, 1),
    clockVerdict(-5 * 60_000, 1),
    clockVerdict(2 * hour, 1),
  ]
  expect(verdicts.map(({ state }) => state)).toEqual(['ok', 'fail', 'ok', 'warn', 'fail'])
  for (const { state, hint } of verdicts) expect(hint === undefined).toBe(state === 'ok')
  expect(verdicts[3]?.text).toBe('5 min behind the service')
})

it('DR1 a home on a full disk needs room, any other fault another home', () => {
  const faults = ['ENOSPC', 'EROFS'].map((code) =>
    homeFault('~/h', Object.assign(new Error(), { code })),
  )
  expect(faults.map(({ hint }) => hint)).toEqual([
    'make some room',
    'name another one with BATON_HOME',
  ])
})

const clock = (now: number) => ({ now: () => now, monotonic: () => 0 })
const answer =
  (date: number | undefined, ok = true): Get =>
  async () => ({
    ok,
    headers: new Headers(date === undefined ? {} : { date: new Date(date).toUTCString() }),
  })

it('DR3 a service that answers is ok, with its clock', async () => {
  const url = 'http://127.0.0.1:7370'
  const states = async (get: Get, now = 0) =>
    (await checkSignaling(url, get, clock(now))).map(({ name, state }) => `${name} ${state}`)
  expect(await states(answer(0))).toEqual(['signaling ok', 'clock ok'])
  expect(await states(answer(0), 2 * hour)).toEqual(['signaling ok', 'clock fail'])
  expect(await states(answer(undefined))).toEqual(['signaling ok'])
  expect(await states(answer(0, false))).toEqual(['signaling fail'])
  const silent: Get = () => Promise.reject(new Error('secret address'))
  expect(await states(silent)).toEqual(['signaling fail'])
})
