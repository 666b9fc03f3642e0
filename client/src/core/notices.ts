/** What a person is told about this device in plain words. */
import type { StoreTrouble } from './exchange/exchange.ts'
import type { MeshEvent } from './mesh-api.ts'

const notice = (message: string): MeshEvent => ({ kind: 'notice', message })

export const diskNotice = (code: StoreTrouble | undefined): MeshEvent =>
  notice(
    code
      ? 'the disk of this device takes nothing more: what others send is asked for again later'
      : 'the disk of this device has room again',
  )

/** Both copies go on, and what either wrote comes again by itself. */
export const forkNotice = (self: boolean, name = 'a device'): MeshEvent =>
  notice(`${self ? 'this device' : name} ran twice from one copy; nothing is lost`)
