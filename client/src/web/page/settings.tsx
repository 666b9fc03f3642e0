/** Settings of this page (rule WB25): how it looks, what it answers by itself, and how its storage stands. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { HandoffPolicy } from '../../core/mesh-api.ts'
import { Channels } from './channels.tsx'
import { Choice } from './dialog.tsx'
import { bytes } from './format.ts'
import { canInstall, install } from './install.ts'
import { canNotify } from './notifying.ts'
import { prefer, preferences } from './preferences.ts'
import type { PageState } from './state.ts'
import { setTheme, theme } from './theme.ts'

export function SettingsScreen({ state }: { readonly state: PageState }) {
  return (
    <div class="page settings">
      <h1>Settings</h1>
      <Choice
        legend="Colours"
        name="theme"
        value={theme.value}
        choices={[
          { value: 'system', label: 'As the system has them' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
        onChoice={setTheme}
      />
      <Policy state={state} />
      <Preferred />
      <Storage state={state} />
      <Channels state={state} />
      {canInstall.value && (
        <section aria-labelledby="install">
          <h2 id="install">As an app</h2>
          <p class="quiet">A window of its own, which also opens where there is no network.</p>
          <p>
            <button type="button" class="chip" onClick={() => void install()}>
              Install
            </button>
          </p>
        </section>
      )}
    </div>
  )
}

function Policy({ state }: { readonly state: PageState }) {
  const policy = useSignal<HandoffPolicy | undefined>(undefined)
  useEffect(() => {
    state.mesh.handoffs.policy().then(
      (now) => {
        policy.value = now
      },
      () => {},
    )
  }, [])
  return (
    <Choice
      legend="When another device asks to hand a session over"
      name="policy"
      value={policy.value}
      choices={[
        { value: 'ask', label: 'Ask me', note: 'Who is not answered hears so after five minutes.' },
        { value: 'always', label: 'Accept it', note: 'Of every device that is paired.' },
        { value: 'never', label: 'Decline it' },
      ]}
      onChoice={async (next) => {
        const set = await state.attempt(() => state.mesh.handoffs.setPolicy(next))
        if (set) policy.value = next
      }}
    />
  )
}

function Preferred() {
  const { autosave, notifications, syncFrequency } = preferences.value
  const refused = useSignal(false)
  const tells = notifications && canNotify() && Notification.permission === 'granted'
  return (
    <>
      <Choice
        legend="What I have written and not said"
        name="autosave"
        value={autosave ? 'on' : 'off'}
        choices={[
          { value: 'on', label: 'Keep it', note: 'Sealed on this device, also through a crash.' },
          { value: 'off', label: 'Forget it with the page' },
        ]}
        onChoice={(next) => prefer({ autosave: next === 'on' })}
      />
      <Choice
        legend="While I look elsewhere, write down what is gathered"
        name="frequency"
        value={String(syncFrequency)}
        choices={frequencies.map((each) => ({
          value: String(each),
          label: `Every ${each} seconds`,
        }))}
        onChoice={(next) => prefer({ syncFrequency: Number(next) })}
      />
      {canNotify() && (
        <Choice
          legend="When something comes while no tab is in front"
          name="notifications"
          value={tells ? 'on' : 'off'}
          choices={[
            { value: 'on', label: 'Tell me', note: 'That it came, never what it says.' },
            { value: 'off', label: 'Say nothing' },
          ]}
          onChoice={async (next) => {
            prefer({ notifications: next === 'on' })
            if (next === 'off') return
            refused.value = (await Notification.requestPermission()) !== 'granted'
            prefer({})
          }}
        />
      )}
      {refused.value && (
        <p class="trouble" role="alert">
          The browser said no. It can be allowed in its settings of this page.
        </p>
      )}
    </>
  )
}

/** Seconds. */
const frequencies = [5, 30, 120]

interface Stored {
  readonly used: number | undefined
  readonly most: number | undefined
  readonly kept: boolean
}

function Storage({ state }: { readonly state: PageState }) {
  const stored = useSignal<Stored | undefined>(undefined)
  const refused = useSignal(false)
  const look = async () => {
    const [{ usage, quota }, kept] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
    ])
    stored.value = { used: usage, most: quota, kept }
  }
  useEffect(() => {
    look().catch(() => {})
  }, [])
  const now = stored.value
  const self = state.status.value?.self
  return (
    <section aria-labelledby="storage">
      <h2 id="storage">This device</h2>
      <p class="quiet">
        Key <code>{self?.short ?? ''}</code>
        {now?.used === undefined ? '' : ` · ${bytes(now.used)} stored`}
        {now?.most === undefined ? '' : ` of ${bytes(now.most)} that the browser allows`}
      </p>
      {now?.kept === true && <p>The browser keeps it until you remove it yourself.</p>}
      {now?.kept === false && (
        <>
          <p class="quiet">
            The browser may remove it when the disk is full. What other devices hold is not lost
            then, but this page would be a new device.
          </p>
          <p>
            <button
              type="button"
              class="chip"
              onClick={async () => {
                refused.value = !(await navigator.storage.persist())
                await look()
              }}
            >
              Ask the browser to keep it
            </button>
          </p>
          {refused.value && (
            <p class="trouble" role="alert">
              The browser said no. It says yes more readily to a page that is installed, or visited
              often.
            </p>
          )}
        </>
      )}
    </section>
  )
}
