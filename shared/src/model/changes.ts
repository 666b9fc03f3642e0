/** What a model asks to have written: entries of a session document before they have a place. */
import type {
  CapturePayload,
  InboxPayload,
  MessagePayload,
  RegisterPayload,
  RowPayload,
  ToolPayload,
} from './document-entries.ts'

export type Change =
  | ({ readonly kind: 'register' } & RegisterPayload)
  | ({ readonly kind: 'row' } & RowPayload)
  | ({ readonly kind: 'inbox' } & InboxPayload)
  | ({ readonly kind: 'message' } & Omit<MessagePayload, 'epoch'>)
  | ({ readonly kind: 'tool' } & Omit<ToolPayload, 'epoch'>)
  | ({ readonly kind: 'capture' } & CapturePayload)
