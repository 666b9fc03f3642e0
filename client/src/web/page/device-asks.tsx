/** What is asked before a device is renamed, given a role or removed (rule WB26). */
import type { Role } from '@baton/shared/roster/authority'
import { useSignal } from '@preact/signals'
import type { DeviceRow } from '../../core/mesh-api.ts'
import { Choice, Dialog } from './dialog.tsx'
import type { PageState } from './state.ts'
import { w } from './words/words.ts'

interface AskProps {
  readonly state: PageState
  readonly row: DeviceRow
  onClose(): void
}

const maxName = 64

export function Rename({ state, row, onClose }: AskProps) {
  const name = useSignal(row.name)
  return (
    <Dialog title={w().devices.renameTitle(row.name)} onClose={onClose}>
      <form
        class="own"
        onSubmit={async (event) => {
          event.preventDefault()
          if (await state.attempt(() => state.mesh.rename(row.id, name.value.trim()))) onClose()
        }}
      >
        <label for="name">{w().devices.renameField}</label>
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
            {w().devices.rename}
          </button>
          <button type="button" class="plain" onClick={onClose}>
            {w().frame.cancel}
          </button>
        </p>
      </form>
    </Dialog>
  )
}

export function Remove({ state, row, onClose }: AskProps) {
  return (
    <Dialog title={w().devices.removeTitle(row.name)} onClose={onClose}>
      <p>{w().devices.removeWhat}</p>
      <p class="quiet">{w().devices.removeKeeps}</p>
      <p class="choices">
        <button
          type="button"
          class="grave"
          onClick={async () => {
            await state.attempt(() => state.mesh.remove(row.id))
            onClose()
          }}
        >
          {w().devices.removeNow}
        </button>
        <button type="button" class="plain" onClick={onClose}>
          {w().devices.keepIt}
        </button>
      </p>
    </Dialog>
  )
}

export function RoleOf({ state, row, onClose }: AskProps) {
  const t = w().devices
  const role = useSignal<Role>(row.role ?? 'member')
  return (
    <Dialog title={t.roleTitle(row.name)} onClose={onClose}>
      <Choice
        legend={t.role}
        name="role"
        value={role.value}
        choices={[
          { value: 'admin', label: t.admin, note: t.adminNote },
          { value: 'member', label: t.memberRole, note: t.memberNote },
          { value: 'observer', label: t.observer, note: t.observerNote },
        ]}
        onChoice={(value) => {
          role.value = value
        }}
      />
      {row.self && role.value !== 'admin' && <p class="trouble">{t.lastAdmin}</p>}
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
          {t.letIt}
        </button>
        <button type="button" class="plain" onClick={onClose}>
          {w().frame.cancel}
        </button>
      </p>
    </Dialog>
  )
}
