/** The mesh of a page over whoever answers it (rule WB31): the form that screens use. */
import { toHex } from '@baton/shared/bytes'
import type { DeviceId } from '@baton/shared/ids'
import type { Random } from '../ports/platform.ts'
import type { Asked } from './asked.ts'
import type { CallName, StreamName } from './calls.ts'
import type { MeshChange } from './messages.ts'
import type { PageMesh } from './page-mesh.ts'

export function createPageMesh(
  self: DeviceId,
  asked: Asked,
  random: Random,
  watch: (handler: (change: MeshChange) => void) => () => void,
): PageMesh {
  // What each call gives is its own mesh's word, and checked there: the types say what that is.
  const call = async <T>(name: CallName, ...args: readonly unknown[]) =>
    (await asked.call(name, args)) as T
  const follow = <T>(name: StreamName, ...args: readonly unknown[]) =>
    asked.follow(name, args) as Required<ReturnType<Asked['follow']>> & {
      readonly events: AsyncIterable<T>
    }
  return {
    self,
    devices: () => call('devices'),
    sessions: () => call('sessions'),
    status: () => call('status'),
    receipts: () => call('receipts'),
    conflicts: (ref) => call('conflicts', ref),
    settle: (ref, conflict, settling) => call('settle', ref, conflict, settling),
    hidden: (ref) => call('hidden', ref),
    adopt: (ref, what) => call('adopt', ref, what),
    rename: (device, name) => call('rename', device, name),
    remove: (device) => call('remove', device),
    setRole: (device, role) => call('setRole', device, role),
    invite: ({ confirm }) => follow('invite', confirm),
    join: (code, { confirm }) => follow('join', code, confirm),
    show: (ref, options = {}) => follow<never>('show', ref, options).events,
    send: (ref, { to }) => follow('send', ref, to),
    documents: {
      async open(session) {
        await call('open', session)
        return {
          session,
          inputs: () => call('inputs', session),
          digest: () => call('digest', session),
          entries: (below = []) => call('entries', session, below),
          takeUp: (input, content) => call('takeUp', session, input, content),
          watch(handler) {
            const { events, cancel } = follow('changes', session)
            void (async () => {
              for await (const _ of events) handler()
            })().catch(() => {})
            return cancel
          },
        }
      },
    },
    handoffs: {
      list: () => call('handoffs'),
      holding: (ref) => call('holding', ref),
      hand: (ref, { to, kind }) => follow('hand', ref, to, kind),
      take: (ref, { kind, force = false }) => follow('take', ref, kind, force),
      answer: (id, accept) => call('answer', id, accept),
      cancel: (id) => call('cancel', id),
      beside: (ref) => call('beside', ref),
      branchOff: (ref, of) => call('branchOff', ref, of),
      policy: () => call('policy'),
      setPolicy: (policy) => call('setPolicy', policy),
    },
    driven: {
      create: ({ title }) => call('create', title),
      live: (ref, { last }) => follow('live', ref, last),
      say: (ref, { text }) => call('say', ref, text, toHex(random.bytes(12))),
    },
    modes: {
      ui: (session, mode) => call('ui', session, mode),
      enter: (session, mode) => call('enter', session, mode),
      choose: (session, mode, name, value) => call('choose', session, mode, name, value),
    },
    kept: {
      get: (name) => call('kept', name),
      put: (name, text) => call('keep', name, text),
    },
    invitations: {
      list: () => call('invitations'),
      invite: (ref, { kind, to }) => call('inviteDevice', ref, kind, to),
      inviteGuest: (ref, { kind }) => follow('inviteGuest', ref, kind),
      join: (link) => follow('joinByLink', link),
    },
    facts: () => call('facts'),
    written: () => call('written'),
    watch,
  }
}
