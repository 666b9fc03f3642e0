/**
 * What an ACP agent may say (Agent Client Protocol, version 1; of version 2 what stands beside it), as
 * schemas over parsed JSON. Nothing here is trusted: fields that nobody needs are dropped, what does not
 * fit is no message. The shapes are those of the schemas in @agentclientprotocol/sdk 2.4.0.
 */
import * as z from 'zod/mini'

/** JSON-RPC ids; ours are numbers. */
const idField = z.union([z.number(), z.string().check(z.maxLength(256))])
const name = z.string().check(z.maxLength(512))
const text = z.string()
const any = z.optional(z.unknown())

export const requestSchema = z.object({ id: idField, method: name, params: any })
export const noticeSchema = z.object({ method: name, params: any })
export const answerSchema = z.object({ id: idField, result: z.unknown() })
export const refusalSchema = z.object({
  id: idField,
  error: z.object({ code: z.number(), message: text, data: any }),
})

export type RequestId = z.infer<typeof idField>

const info = z.optional(z.nullable(z.object({ name, version: z.optional(name) })))

export const initializedSchema = z.object({
  protocolVersion: z.number(),
  agentCapabilities: z.optional(z.object({ loadSession: z.optional(z.boolean()) })),
  agentInfo: info,
  /** Version 2 calls it so. */
  info,
  authMethods: z.optional(
    z.array(z.object({ name: z.optional(name), description: z.optional(z.nullable(text)) })),
  ),
})

const modes = z.optional(z.nullable(z.object({ currentModeId: name })))

export const createdSchema = z.object({ sessionId: name, modes })
/** Some agents answer `null`. */
export const loadedSchema = z.nullable(z.object({ modes }))
export const promptedSchema = z.object({ stopReason: z.optional(name) })

/** Of a content block all that can be text. */
export const blockSchema = z.object({
  type: name,
  text: z.optional(text),
  uri: z.optional(text),
  name: z.optional(text),
  resource: z.optional(z.object({ uri: z.optional(text), text: z.optional(text) })),
})
export type Block = z.infer<typeof blockSchema>

const toolContent = z.object({
  type: name,
  content: z.optional(blockSchema),
  path: z.optional(text),
  terminalId: z.optional(text),
})

/** Of a call that is new, changed, or asked about: the same fields, all but the id optional. */
export const callSchema = z.object({
  toolCallId: z.string().check(z.minLength(1), z.maxLength(512)),
  title: z.optional(z.nullable(text)),
  name: z.optional(z.nullable(text)),
  status: z.optional(z.nullable(name)),
  rawInput: any,
  rawOutput: any,
  content: z.optional(z.nullable(z.array(toolContent))),
})
export type CallUpdate = z.infer<typeof callSchema>

const messageId = z.optional(z.nullable(name))
const chunk = <K extends string>(kind: K) =>
  z.object({ sessionUpdate: z.literal(kind), content: blockSchema, messageId })
const whole = <K extends string>(kind: K) =>
  z.object({
    sessionUpdate: z.literal(kind),
    messageId: name,
    content: z.optional(z.nullable(z.array(blockSchema))),
  })

/** The kinds that a session keeps; every other one is passed over. */
export const updateSchema = z.discriminatedUnion('sessionUpdate', [
  chunk('agent_message_chunk'),
  chunk('agent_thought_chunk'),
  whole('agent_message'),
  whole('agent_thought'),
  z.extend(callSchema, { sessionUpdate: z.enum(['tool_call', 'tool_call_update']) }),
  z.object({
    sessionUpdate: z.literal('tool_call_content_chunk'),
    toolCallId: name,
    content: toolContent,
  }),
  z.object({
    sessionUpdate: z.literal('plan'),
    entries: z.array(z.object({ content: text, status: z.optional(name) })),
  }),
  z.object({ sessionUpdate: z.literal('current_mode_update'), currentModeId: name }),
  z.object({
    sessionUpdate: z.literal('state_update'),
    state: name,
    stopReason: z.optional(z.nullable(name)),
  }),
])
export type Update = z.infer<typeof updateSchema>
export const updateKinds: ReadonlySet<unknown> = new Set([
  ...['agent_message_chunk', 'agent_thought_chunk', 'agent_message', 'agent_thought'],
  ...['tool_call', 'tool_call_update', 'tool_call_content_chunk'],
  ...['plan', 'current_mode_update', 'state_update'],
])

export const updatedSchema = z.object({
  sessionId: name,
  update: z.object({ sessionUpdate: name }),
})

const option = z.object({ optionId: name, name: text, kind: z.optional(name) })
export type PermissionOption = z.infer<typeof option>

export const permissionSchema = z.object({
  sessionId: name,
  toolCall: z.optional(callSchema),
  /** Version 2 asks so. */
  title: z.optional(text),
  subject: z.optional(z.nullable(z.object({ toolCall: z.optional(callSchema) }))),
  options: z.array(option).check(z.minLength(1), z.maxLength(32)),
})
