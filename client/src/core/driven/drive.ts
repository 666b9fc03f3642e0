/**
 * The pen of a session while one agent, or one program, writes it from here (rules AC1 to AC5): steps in
 * order, intents before results, inputs once each, and an end that leaves nothing open. It knows no
 * agent and no protocol.
 */
import type { Value } from '@baton/shared/encoding/msgpack'
import { BatonError, isBatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { addInput, setConfiguration, setTool, setVolatile } from '@baton/shared/model/agent/changes'
import { type Change, heldOf } from '@baton/shared/model/changes'
import type { ToolStatus } from '@baton/shared/model/document-entries'
import { isMap, type Values } from '@baton/shared/model/fields'
import type { Document, StreamWriter } from '../documents-api.ts'
import type { AgentLink, CallFacts, Drive, DriveInput, DriveStep, Speaker } from '../driven-api.ts'
import { createEventQueue } from '../event-queue.ts'
import { createLanes } from '../lanes.ts'
import { callFacts, clipped, saidIn } from './reading.ts'

/** Where the plan of an agent stands (rule AC5). */
export const planPath = ['volatile', 'scratchpads', 'plan'] as const

/**
 * `checkHolds` rejects while this device does not hold the session; `closed` runs once, when the pen is
 * laid down.
 */
export async function openDrive(
  document: Document,
  self: DeviceId,
  checkHolds: () => Promise<void>,
  closed: () => void,
): Promise<Drive> {
  const leftOpen = await settleCalls(document)
  const streams = new Map<string, StreamWriter>()
  const calls = new Map<string, ToolStatus>()
  const told = new Set<string>()
  const inputs = createEventQueue<DriveInput>()
  const inTurn = createLanes<'steps' | 'looks'>()
  let over = false
  let lost: BatonError | undefined

  async function look(): Promise<void> {
    await checkHolds().catch((error: unknown) => {
      // On its way it may come back; with another device it does not.
      if (!isBatonError(error) || error.code !== 'not-holder') return
      lost = error
      inputs.end()
    })
    for (const { id, device, value } of await document.inputs()) {
      if (told.has(id)) continue
      told.add(id)
      inputs.push({ id, device, text: saidIn(value).text })
    }
  }
  async function* untilLost(): AsyncGenerator<DriveInput> {
    yield* inputs.events
    if (lost) throw lost
  }

  // What cannot be read now is looked at with the next change.
  const lookAgain = () => void inTurn('looks', look).catch(() => undefined)
  const unwatch = document.watch(lookAgain)
  lookAgain()

  async function step(of: DriveStep): Promise<void> {
    switch (of.do) {
      case 'say':
        return say(of)
      case 'begin': {
        if (streams.has(of.stream)) throw new BatonError('invalid', 'failed to write: said twice')
        streams.set(of.stream, await document.stream({ role: of.role }))
        return
      }
      case 'text':
        return writerOf(of.stream).write(of.text)
      case 'end':
      case 'abort': {
        const writer = writerOf(of.stream)
        await (of.do === 'end' ? writer.end() : writer.abort())
        streams.delete(of.stream)
        return
      }
      case 'tool':
        return tell(of)
      case 'plan': {
        const entries = of.entries.map(({ content, status }) => ({
          content: wellFormed(clipped(content, 500)),
          status,
        }))
        return document.change(setVolatile('scratchpads', 'plan', entries))
      }
      case 'mode':
        return document.change(setConfiguration('mode', wellFormed(clipped(of.mode, 200))))
      case 'known':
        return document.set(linkPath(self), await linkOf(of.agent, of.session))
    }
  }

  function writerOf(name: string): StreamWriter {
    const writer = streams.get(name)
    if (writer) return writer
    throw new BatonError('invalid', 'failed to write: this message is not being written')
  }

  async function say({ role, text, consumes }: DriveStep & { do: 'say' }): Promise<void> {
    const value = saying(role, text)
    if (consumes === undefined) return void (await document.say(value))
    const waiting = await document.inputs()
    if (!waiting.some(({ id }) => id === consumes)) {
      throw new BatonError('not-found', 'failed to take up an input: it was taken up already')
    }
    // Under its own name: two devices that both take it up say one message.
    await document.say(value, { id: consumes, consumes })
  }

  async function tell({ call, status, ...facts }: CallFacts): Promise<void> {
    const detail = detailOf(facts)
    const known = calls.get(call)
    const changes: Change[] = [...setTool(call, status, detail)]
    if (known === undefined) {
      const parent = (await document.history({ last: 1 }))[0]?.id
      const held = heldOf({ role: 'tool', call, name: detail.name })
      changes.unshift({ kind: 'message', id: `tool ${call}`, parent, held, consumes: undefined })
    }
    await document.change(changes)
    calls.set(call, status)
  }

  async function linkOf(agent: string, session: string): Promise<Value> {
    const after = (await document.history({ last: 1 }))[0]?.id
    return { agent: wellFormed(agent), session: wellFormed(session), ...(after && { after }) }
  }

  async function settle(): Promise<void> {
    await Promise.allSettled([...streams.values()].map((writer) => writer.abort()))
    const open = (await document.tools()).filter(({ call, ended }) => calls.has(call) && !ended)
    await document.change(open.flatMap((row) => ended(callFacts(row))))
  }

  return {
    session: document.session,
    leftOpen,
    known: readLink(await document.get(linkPath(self))),
    inputs: untilLost(),
    apply: (steps) =>
      inTurn('steps', async () => {
        for (const each of steps) {
          if (over) throw new BatonError('cancelled', 'failed to write: the pen was laid down')
          await step(each).catch(async (error: unknown) => {
            // A stream that was broken off since the session went says so less clearly.
            await checkHolds()
            throw error
          })
        }
      }),
    async past({ after } = {}) {
      const all = await document.history()
      const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1
      return all.slice(from).flatMap(({ id, value, redacted }) => {
        const { role, text } = saidIn(value)
        return redacted || text === '' ? [] : [{ id, role, text }]
      })
    },
    async close() {
      if (over) return
      over = true
      unwatch()
      inputs.end()
      // A session that another device holds by now refuses: what is open shows as interrupted there.
      await inTurn('steps', settle).catch(() => undefined)
      closed()
    },
  }
}

/** Of runs that are over: they may have happened, and nobody will say (rule TC3). */
async function settleCalls(document: Document): Promise<readonly CallFacts[]> {
  const open = (await document.tools()).filter(({ ended }) => !ended).map(callFacts)
  await document.change(
    open.flatMap(({ call, status: _, ...facts }) => setTool(call, 'unknown', detailOf(facts))),
  )
  return open
}

/** One that nobody approved did not run, of any other nobody knows. */
function ended({ call, status, ...facts }: CallFacts): readonly Change[] {
  return setTool(call, status === 'proposed' ? 'cancelled' : 'unknown', detailOf(facts))
}

type Facts = Omit<CallFacts, 'call' | 'status'>

function detailOf({ name, input, output }: Facts): Values & { readonly name: string } {
  return {
    name: wellFormed(clipped(name, 200)),
    ...(input === undefined ? {} : { input: wellFormed(clipped(input)) }),
    ...(output === undefined ? {} : { output: wellFormed(clipped(output)) }),
  }
}

export const saying = (role: Speaker, text: string): Value => ({ role, content: wellFormed(text) })

export const inputOf = (id: string, text: string): readonly Change[] =>
  addInput(id, saying('user', text))

/** A session of an agent is found again on its own device alone. */
const linkPath = (self: DeviceId) => ['volatile', 'temporary_data', `agent ${self}`]

function readLink(value: Value | undefined): AgentLink | undefined {
  const { agent, session, after } = isMap(value) ? value : ({} as Values)
  if (typeof agent !== 'string' || typeof session !== 'string') return undefined
  return { agent, session, after: typeof after === 'string' ? after : undefined }
}

/** Half a pair is no text: no entry can carry it. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')
