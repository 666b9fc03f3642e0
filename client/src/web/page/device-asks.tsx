/** What is asked before a device is renamed, given a role or removed (rule WB26). */
import type { Role } from '@baton/shared/roster/authority'
import { useSignal } from '@preact/signals'
import type { DeviceRow } from '../../core/mesh-api.ts'
import { Choice, Dialog } from './dialog.tsx'
import type { PageState } from './state.ts'

interface AskProps {
  readonly state: PageState
  readonly row: DeviceRow
  onClose(): void
}

const maxName = 64

export function Rename({ state, row, onClose }: AskProps) {
  const name = useSignal(row.name)
  return (
    <Dialog title={`Rename ${row.name}`} onClose={onClose}>
      <form
        class="own"
        onSubmit={async (event) => {
          event.preventDefault()
          if (await state.attempt(() => state.mesh.rename(row.id, name.value.trim()))) onClose()
        }}
      >
        <label for="name">Its name, on all your devices</label>
        <input
          id="name"
          type="text"
          autoComplete="off"
          maxLength={maxName}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value
          }}
        />
        <p class="choices">
          <button type="submit" aria-disabled={name.value.trim() === ''}>
            Rename
          </button>
          <button type="button" class="plain" onClick={onClose}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  )
}

export function Remove({ state, row, onClose }: AskProps) {
  return (
    <Dialog title={`Remove ${row.name}?`} onClose={onClose}>
      <p>
        For a device that is lost, stolen or given away, and for good: no device of yours connects
        to it again, and what it wrote that this page does not hold counts nowhere.
      </p>
      <p class="quiet">
        What it holds already it keeps. It can be paired again only as a new device.
      </p>
      <p class="choices">
        <button
          type="button"
          class="grave"
          onClick={async () => {
            await state.attempt(() => state.mesh.remove(row.id))
            onClose()
          }}
        >
          Remove it for good
        </button>
        <button type="button" class="plain" onClick={onClose}>
          Keep it
        </button>
      </p>
    </Dialog>
  )
}

const roles = [
  { value: 'admin', label: 'Admin', note: 'Takes in devices, gives roles, and removes any.' },
  { value: 'member', label: 'Member', note: 'Takes in devices, and writes where it may.' },
  { value: 'observer', label: 'Observer', note: 'Only reads: what it writes counts nowhere.' },
] as const

export function RoleOf({ state, row, onClose }: AskProps) {
  const role = useSignal<Role>(row.role ?? 'member')
  return (
    <Dialog title={`What ${row.name} may do`} onClose={onClose}>
      <Choice
        legend="Role"
        name="role"
        value={role.value}
        choices={roles}
        onChoice={(value) => {
          role.value = value
        }}
      />
      {row.self && role.value !== 'admin' && (
        <p class="trouble">Then only another admin can make this page one again.</p>
      )}
      <p class="choices">
        <button
          type="button"
          onClick={async () => {
            if (role.value !== row.role) {
              await state.attempt(() => state.mesh.setRole(row.id, role.value))
            }
            onClose()
          }}
        >
          Let it be so
        </button>
        <button type="button" class="plain" onClick={onClose}>
          Cancel
        </button>
      </p>
    </Dialog>
  )
}
