/** One line for what happens while a device is up. */
import { cleanText } from '@baton/shared/clean-text'
import type { DeviceId } from '@baton/shared/ids'
import type { DeviceRow, HandoffRow, MeshEvent } from '../../core/mesh-api.ts'
import { nameOf } from './devices.ts'
import type { Paint } from './paint.ts'
import { bytes, plural, shortPath } from './units.ts'

export const devicePhrase = (row: DeviceRow): string => `${nameOf(row)} (${row.short})`

/** One line an event, or undefined for what nobody needs to read, or has read already (rule UP8). */
export function createHappenings(
  { dim, good, warn }: Paint,
  context: { readonly home: string; now(): number },
): (event: MeshEvent) => string | undefined {
  const states = new Map<DeviceId, string>()
  let away = false

  function deviceLine(device: DeviceRow): string | undefined {
    const { id, state, addedAt } = device
    const path = device.path === undefined || device.path === 'unknown' ? '' : ` ${device.path}`
    const now = `${state}${path}`
    // A guest is in no roster; whoever invited it tells of it.
    if (addedAt === 0 || states.get(id) === now) return undefined
    states.set(id, now)
    // That one was removed is a notice of its own.
    if (state === 'connecting' || state === 'self' || state === 'removed') return undefined
    return `${devicePhrase(device)} ${now}`
  }

  function serviceLine(state: 'up' | 'down', server: string): string | undefined {
    if (away === (state === 'down')) return undefined
    away = state === 'down'
    return away
      ? `${warn('no answer')} from the signaling service at ${server}; open connections stay`
      : `the signaling service at ${server} answers again`
  }

  function handoffLine({ id, title, kind, state, waitsForUs }: HandoffRow): string | undefined {
    const what = cleanText(title ?? '', 80) || 'a session'
    const short = id.slice(0, 8)
    if (waitsForUs) {
      return `${warn('asked')} to take ${what} over (${kind}): baton handoffs ${short} --accept, or --decline`
    }
    return state === 'active' ? `${good('handed over')} ${what} (${kind})` : undefined
  }

  function textOf(event: MeshEvent): string | undefined {
    switch (event.kind) {
      case 'device':
        return deviceLine(event.device)
      case 'received': {
        const { records, bytes: size } = event.receipt
        const where =
          event.placed === undefined ? '' : `, placed at ${shown(event.placed, context.home)}`
        return `${good('received')} ${plural(records, 'record')}, ${bytes(size)}${where}`
      }
      case 'signaling':
        return serviceLine(event.state, event.server)
      case 'notice':
        return cleanText(event.message, 300) ?? ''
      case 'handoff':
        return handoffLine(event.handoff)
      case 'session':
        return undefined
    }
  }

  return (event) => {
    const text = textOf(event)
    const at = dim(new Date(context.now()).toTimeString().slice(0, 8))
    return text === undefined ? undefined : `${at}  ${text}`
  }
}

const shown = (path: string, home: string): string => cleanText(shortPath(path, home), 400) ?? ''
