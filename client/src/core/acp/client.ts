/**
 * The client side of ACP as a machine (rules AC6 to AC11): what the agent said, what a person wants and
 * the time go in, effects come out. One session, one turn at a time. It does no IO, reads no clock and
 * never throws on what the agent sent.
 */
import { cleanText } from '@baton/shared/clean-text'
import { createAsks } from './asks.ts'
import { createCalls } from './calls.ts'
import type { AcpEffect, OverCode, TurnEnd } from './effects.ts'
import {
  acpAnswerMs,
  acpCancelMs,
  acpReplayMs,
  acpSilenceMs,
  maxAcpGarbage,
  maxTurnCalls,
} from './limits.ts'
import { createOutbox } from './outbox.ts'
import {
  answerSchema,
  createdSchema,
  initializedSchema,
  loadedSchema,
  noticeSchema,
  promptedSchema,
  type RequestId,
  refusalSchema,
  requestSchema,
  updatedSchema,
  updateKinds,
  updateSchema,
} from './schema.ts'
import { createTurn } from './turn.ts'

export interface AcpOptions {
  /** Absolute. */
  readonly cwd: string
  readonly version: string
  /** Names the calls of this run. */
  readonly run: string
  /** The agent's own session to go on with, if it is the agent of that name and can. */
  readonly load?: { readonly session: string; readonly agent: string } | undefined
}

export type AcpInput =
  | { readonly at: 'start' }
  /** A line that was JSON. */
  | { readonly at: 'heard'; readonly value: unknown }
  | { readonly at: 'garbage' }
  | { readonly at: 'prompt'; readonly parts: readonly string[] }
  | { readonly at: 'cancel' }
  /** Without an option: declined. */
  | { readonly at: 'answer'; readonly request: RequestId; readonly option: string | undefined }
  | { readonly at: 'time' }
  /** A line that is too long, an end of its process: nothing more comes of it. */
  | { readonly at: 'lost'; readonly code: OverCode; readonly how: string }

export type AcpPhase = 'new' | 'initialize' | 'load' | 'replay' | 'open' | 'idle' | 'turn' | 'over'

export interface AcpClient {
  step(input: AcpInput): readonly AcpEffect[]
  phase(): AcpPhase
}

export function createAcpClient(options: AcpOptions): AcpClient {
  const out = createOutbox()
  const calls = createCalls(options.run)
  const asks = createAsks(out, calls)
  const turn = createTurn(out, calls)
  let phase: AcpPhase = 'new'
  let request = 0
  /** The last request has its answer. */
  let settled = true
  let session = ''
  let agent = ''
  let canLoad = false
  let login: string | undefined
  let cancelling = false
  let garbage = 0
  let replays = 0

  function ask(method: string, params: object, next: AcpPhase, ms: number): void {
    phase = next
    request += 1
    settled = false
    out.send({ id: request, method, params })
    out.timer(ms)
  }

  function over(code: OverCode, message: string, hint?: string): void {
    if (phase === 'turn') endTurn('failed', message)
    phase = 'over'
    out.timer()
    out.emit({ do: 'over', code, message, ...(hint === undefined ? {} : { hint }) })
  }

  function noise(): void {
    garbage += 1
    if (garbage === 1) out.emit({ do: 'note', text: 'the agent says things that are no ACP' })
    const hint = session === '' ? notAcp : undefined
    if (garbage > maxAcpGarbage) over('invalid', 'the agent says too much that is no ACP', hint)
  }

  function start(): void {
    const clientCapabilities = {
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
    }
    const clientInfo = { name: 'baton', version: options.version }
    const params = { protocolVersion: 1, clientCapabilities, clientInfo }
    ask('initialize', params, 'initialize', acpAnswerMs)
  }

  function open(load?: string): void {
    const place = { cwd: options.cwd, mcpServers: [] }
    if (load === undefined) ask('session/new', place, 'open', acpAnswerMs)
    else {
      session = load
      ask('session/load', { sessionId: load, ...place }, 'load', acpAnswerMs)
    }
  }

  function initialized(result: unknown): void {
    const parsed = initializedSchema.safeParse(result)
    if (!parsed.success) {
      over('invalid', 'the agent did not say what it is', notAcp)
      return
    }
    const { agentCapabilities, agentInfo, info, authMethods } = parsed.data
    const [method] = authMethods ?? []
    agent = cleanText(agentInfo?.name ?? info?.name ?? '', 60) ?? 'agent'
    canLoad = agentCapabilities?.loadSession === true
    login = cleanText(method?.description ?? method?.name ?? '', 120)
    const { load } = options
    open(load && canLoad && load.agent === agent ? load.session : undefined)
  }

  function created(result: unknown): void {
    const parsed = createdSchema.safeParse(result)
    if (!parsed.success) {
      over('invalid', 'the agent opened no session', notAcp)
      return
    }
    session = parsed.data.sessionId
    tellMode(parsed.data.modes?.currentModeId)
    ready(false)
  }

  /** One agent answers first and tells what was afterwards: until it is silent that is no news. */
  function loaded(result: unknown): void {
    const parsed = loadedSchema.safeParse(result)
    tellMode(parsed.success ? parsed.data?.modes?.currentModeId : undefined)
    phase = 'replay'
    out.timer(acpReplayMs)
  }

  function tellMode(mode: string | undefined): void {
    if (mode !== undefined) out.emit({ do: 'mode', mode })
  }

  function ready(knows: boolean): void {
    phase = 'idle'
    out.timer()
    out.emit({ do: 'ready', session, loaded: knows, agent, canLoad })
  }

  function endTurn(ended: TurnEnd, reason: string): void {
    asks.drop(false)
    for (const call of calls.settle()) out.emit({ do: 'call', call })
    turn.end()
    cancelling = false
    settled = true
    phase = 'idle'
    out.timer()
    out.emit({ do: 'turn', ended, reason })
  }

  function stopped(reason: string): void {
    const word = cleanText(reason, 60) ?? ''
    if (reason === 'cancelled') endTurn('cancelled', word)
    else endTurn(reason === 'end_turn' ? 'whole' : 'failed', word)
  }

  function prompted(result: unknown): void {
    const parsed = promptedSchema.safeParse(result)
    if (!parsed.success) over('invalid', 'the agent ended a turn in no known way')
    // Version 2 takes the prompt so, and says by its state when the turn is over.
    else if (parsed.data.stopReason !== undefined) stopped(parsed.data.stopReason)
  }

  function answered(result: unknown): void {
    settled = true
    if (phase === 'initialize') initialized(result)
    else if (phase === 'open') created(result)
    else if (phase === 'load') loaded(result)
    else if (phase === 'turn') prompted(result)
  }

  function refused(code: number, told: string): void {
    settled = true
    const why = cleanText(told, 300) ?? 'no reason given'
    if (phase === 'load') {
      out.emit({ do: 'note', text: `the agent does not find its earlier session: ${why}` })
      open()
    } else if (phase === 'turn') endTurn(cancelling ? 'cancelled' : 'failed', why)
    else if (code === loginWanted) over('not-permitted', `the agent wants a login: ${why}`, login)
    else over('invalid', `the agent refused to begin: ${why}`)
  }

  function updated(params: unknown): void {
    const outer = updatedSchema.safeParse(params)
    if (!outer.success) noise()
    else if (outer.data.sessionId !== session) return
    // What was is in the history already.
    else if (phase === 'replay') {
      replays += 1
      if (replays <= maxAcpGarbage) out.timer(acpReplayMs)
    } else if (phase === 'turn' && updateKinds.has(outer.data.update.sessionUpdate)) {
      const parsed = updateSchema.safeParse((params as { update: unknown }).update)
      if (!parsed.success) {
        noise()
        return
      }
      if (!cancelling) out.timer(acpSilenceMs)
      const end = turn.take(parsed.data)
      if (calls.count() > maxTurnCalls) over('too-large', 'the agent calls tools without end')
      else if (end !== undefined && settled) stopped(end)
    }
  }

  function heard(value: unknown): void {
    const asked = requestSchema.safeParse(value)
    const told = noticeSchema.safeParse(value)
    const refusal = refusalSchema.safeParse(value)
    const answer = answerSchema.safeParse(value)
    if (asked.success) {
      const { id, method, params } = asked.data
      const listens = phase === 'turn' && !cancelling
      if (method !== 'session/request_permission') {
        out.send({ id, error: { code: -32601, message: 'method not found' } })
      } else asks.heard(id, params, listens ? session : undefined)
    } else if (told.success) {
      // Other notices are for clients that know them.
      if (told.data.method === 'session/update') updated(told.data.params)
    } else if (refusal.success && refusal.data.id === request && !settled) {
      refused(refusal.data.error.code, refusal.data.error.message)
    } else if (answer.success && !refusal.success && answer.data.id === request && !settled) {
      answered(answer.data.result)
    } else noise()
  }

  function cancel(): void {
    if (phase !== 'turn' || cancelling) return
    cancelling = true
    out.send({ method: 'session/cancel', params: { sessionId: session } })
    asks.drop(true)
    out.timer(acpCancelMs)
  }

  function time(): void {
    if (phase === 'replay') ready(true)
    else if (phase === 'turn' && !cancelling) {
      out.emit({ do: 'note', text: 'the agent was silent for half an hour: its turn is cancelled' })
      cancel()
    } else if (phase === 'turn') over('timeout', 'the agent does not end its turn')
    else if (phase !== 'idle') over('timeout', 'the agent does not answer', notAcp)
  }

  function take(input: AcpInput): void {
    if (input.at === 'start') start()
    else if (input.at === 'heard') heard(input.value)
    else if (input.at === 'garbage') noise()
    else if (input.at === 'cancel') cancel()
    else if (input.at === 'time') time()
    else if (input.at === 'lost') over(input.code, input.how)
    else if (input.at === 'answer') {
      const alone = asks.answer(input.request, input.option)
      if (alone && phase === 'turn') out.timer(acpSilenceMs)
    } else if (phase === 'idle') {
      const prompt = input.parts.map((text) => ({ type: 'text', text }))
      ask('session/prompt', { sessionId: session, prompt }, 'turn', acpSilenceMs)
    }
  }

  return {
    phase: () => phase,
    step(input) {
      if (phase !== 'over') take(input)
      return out.take()
    },
  }
}

/** JSON-RPC error of ACP agents that nobody is logged in to. */
const loginWanted = -32000
const notAcp = 'some agents want an argument for it: opencode acp, gemini --acp, copilot --acp'
