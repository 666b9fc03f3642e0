/**
 * A notification of Windows (rule UP12), by what every one has: Windows PowerShell shows a toast, and
 * where it cannot `msg` says it. What others named is in the script as base64 alone and becomes a text
 * node, or the input of `msg`: neither code nor markup nor an option, whatever it is.
 */

/** Characters of a line: the whole command has to stay within 32,767. */
const maxChars = 300

/** The toast is shown as one of PowerShell, which is known to the system: Baton has no installer. */
const app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
const ui = 'Windows.UI.Notifications'
const manager = `[${ui}.ToastNotificationManager]`

const script = (title: string, body: string): string =>
  [
    "$ErrorActionPreference = 'Stop'",
    'function Text($of) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($of)) }',
    `$title = Text '${base64(title)}'`,
    `$body = Text '${base64(body)}'`,
    'try {',
    `  [void][${ui}.ToastNotificationManager, ${ui}, ContentType = WindowsRuntime]`,
    `  $xml = ${manager}::GetTemplateContent([${ui}.ToastTemplateType]::ToastText02)`,
    "  $lines = $xml.GetElementsByTagName('text')",
    '  [void]$lines.Item(0).AppendChild($xml.CreateTextNode($title))',
    '  [void]$lines.Item(1).AppendChild($xml.CreateTextNode($body))',
    `  ${manager}::CreateToastNotifier('${app}').Show([${ui}.ToastNotification]::new($xml))`,
    '} catch {',
    '  "$title`r`n$body" | & "$env:SystemRoot\\System32\\msg.exe" $env:USERNAME /TIME:60',
    '  exit $LASTEXITCODE',
    '}',
  ].join('\n')

/** The program by its whole path, where the environment says where Windows is. */
export function windowsCommand(
  title: string,
  body: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] {
  const { SystemRoot, SYSTEMROOT } = env
  const root = SystemRoot ?? SYSTEMROOT
  const program = root
    ? `${root}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`
    : 'powershell.exe'
  const code = script(cut(title), cut(body))
  const encoded = Buffer.from(code, 'utf16le').toString('base64')
  return [program, '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded]
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

const cut = (text: string): string => [...text].slice(0, maxChars).join('')
