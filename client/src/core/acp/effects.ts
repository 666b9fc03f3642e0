/** What the ACP client asks of whoever runs it, in order: data, done one after the other. */
import type { CallFacts, PlanEntry } from '../driven-api.ts'
import type { PermissionOption, RequestId } from './schema.ts'

export type AcpEffect =
  /** One line to the agent, once everything before it is done. */
  | { readonly do: 'send'; readonly message: object }
  /** The agent takes prompts. */
  | {
      readonly do: 'ready'
      /** Its own name of the session. */
      readonly session: string
      /** It knows what went before. */
      readonly loaded: boolean
      readonly agent: string
      /** It can go on with this session in a later run. */
      readonly canLoad: boolean
    }
  /** More of a message; another `message` is another one, undefined goes on with the last. */
  | {
      readonly do: 'text'
      readonly role: 'assistant' | 'thought'
      readonly message: string | undefined
      readonly text: string
    }
  | { readonly do: 'call'; readonly call: CallFacts }
  | { readonly do: 'plan'; readonly entries: readonly PlanEntry[] }
  | { readonly do: 'mode'; readonly mode: string }
  /** A person is to say; what comes of it goes to `answer`. */
  | {
      readonly do: 'ask'
      readonly request: RequestId
      readonly call: CallFacts
      readonly options: readonly PermissionOption[]
    }
  /** Nobody needs to answer any more. */
  | { readonly do: 'unask'; readonly request: RequestId }
  | { readonly do: 'turn'; readonly ended: TurnEnd; readonly reason: string }
  /** A sentence for the person. */
  | { readonly do: 'note'; readonly text: string }
  /** Nothing more can come of this agent; it is to be ended. */
  | {
      readonly do: 'over'
      readonly code: OverCode
      readonly message: string
      readonly hint?: string
    }
  /** The one timer, anew; none without `ms`. */
  | { readonly do: 'timer'; readonly ms: number | undefined }

export type TurnEnd = 'whole' | 'cancelled' | 'failed'
export type OverCode = 'invalid' | 'too-large' | 'timeout' | 'not-permitted' | 'cancelled'
