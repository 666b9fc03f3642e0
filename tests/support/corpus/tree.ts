/** What surrounds the transcripts: projects with git remotes, decoys that must never travel. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface CorpusProject {
  /** Absolute path of the directory the agent was started in. */
  readonly path: string
  readonly remote: string | undefined
  /** Below the root of its repository, with forward slashes; empty at the root. */
  readonly below: string
}

export interface Decoy {
  readonly path: string
  /** Stands in the file; must appear nowhere else. */
  readonly canary: string
}

export function put(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

const gitConfig = (remote: string) =>
  `[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = ${remote}\n` +
  '\tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch "main"]\n\tremote = origin\n'

/**
 * Six kinds of project in turn: repository root, a folder below one, a linked worktree, no
 * repository, a path with letters beyond ASCII, a submodule-like `.git` file.
 */
export function writeProject(work: string, n: number): CorpusProject {
  const remote = `https://example.invalid/team/repo-${n}.git`
  const root = join(work, `repo ${n}.x_y`)
  const at = (path: string, below: string, known = true): CorpusProject => {
    mkdirSync(path, { recursive: true })
    return { path, remote: known ? remote : undefined, below }
  }
  switch (n % 6) {
    case 0:
      put(join(root, '.git/config'), gitConfig(remote))
      return at(root, '')
    case 1:
      put(join(root, '.git/config'), gitConfig(remote))
      return at(join(root, 'packages/app'), 'packages/app')
    case 2: {
      const linked = join(work, `linked-${n}`)
      put(join(root, '.git/config'), gitConfig(remote))
      put(join(root, '.git/worktrees/linked/commondir'), '../..\n')
      put(join(linked, '.git'), `gitdir: ${join(root, '.git/worktrees/linked')}\n`)
      return at(linked, '')
    }
    case 3:
      return at(join(work, `plain-${n}`), '', false)
    case 4:
      put(join(work, `café 🙂 ${n}`, '.git/config'), gitConfig(remote))
      return at(join(work, `café 🙂 ${n}`), '')
    default:
      put(join(work, 'super/.git/modules/part/config'), gitConfig(remote))
      put(join(work, 'super/part/.git'), 'gitdir: ../.git/modules/part\n')
      return at(join(work, 'super/part'), '')
  }
}

/** Files that are never part of a session, each with a canary of its own. */
export function writeDecoys(
  home: string,
  config: string,
  canary: (name: string) => string,
): Decoy[] {
  const inConfig = [
    '.credentials.json',
    'history.jsonl',
    'settings.json',
    'session-env/0/env.sh',
    'shell-snapshots/snapshot-bash.sh',
    'file-history/0/0123456789abcdef@v1',
    'projects/-memory-only/memory/MEMORY.md',
  ].map((name) => join(config, name))
  return [join(home, '.claude.json'), ...inConfig].map((path) => {
    const text = canary(path)
    put(path, `${JSON.stringify({ secret: text })}\n`)
    return { path, canary: text }
  })
}

/** Symlinks that lead to decoys, out of the tree and round in a circle. */
export function writeSymlinks(
  home: string,
  config: string,
  sidecar: string,
  uuid: string,
): string[] {
  const projects = join(config, 'projects')
  const links: [string, string][] = [
    [join(sidecar, 'tool-results/leak.txt'), join(config, '.credentials.json')],
    [join(sidecar, 'subagents/agent-leak.jsonl'), join(config, 'history.jsonl')],
    [join(sidecar, 'subagents/up'), projects],
    [join(dirname(sidecar), `${uuid}.jsonl`), join(home, '.claude.json')],
    [join(projects, '-linked-out'), home],
  ]
  for (const [path, target] of links) {
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path)
  }
  return links.map(([path]) => path)
}
