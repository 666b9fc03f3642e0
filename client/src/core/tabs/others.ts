/** The other pages of the origin, as they say of themselves: so many, each until its own lock is free. */
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import { maxTabs } from './limits.ts'
import type { TabLocks } from './ports.ts'

export interface Other {
  mode: InterfaceMode
  front: boolean
}

export interface Others {
  /** Undefined where there are too many. */
  meet(tab: string): Other | undefined
  leaves(tab: string): void
  all(): Iterable<readonly [tab: string, Other]>
}

export function createOthers(locks: TabLocks, gone: (tab: string) => void): Others {
  const known = new Map<string, Other & { off(): void }>()

  function leaves(tab: string): void {
    known.get(tab)?.off()
    known.delete(tab)
    gone(tab)
  }

  return {
    meet(tab) {
      const there = known.get(tab)
      if (there || known.size >= maxTabs) return there
      const fresh = { mode: 'tab' as const, front: false, off() {} }
      known.set(tab, fresh)
      fresh.off = locks.whenGone(tab, () => leaves(tab))
      return fresh
    },
    leaves,
    all: () => known,
  }
}
