/** `cognitron studio`: serves the web application on this machine and opens a browser. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { CommandFile } from '../command.ts'
import { wholeNumber } from '../options.ts'

interface StudioOptions {
  readonly open: boolean
  readonly port?: number
  readonly runs: string
}

export const studioCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('studio')
      .description('Opens the studio in a browser: play with networks, train on images, look inside, compare runs.')
      .option('--no-open', 'print the address and open no browser')
      .option('--port <number>', 'the port to serve on (default: any free one)', wholeNumber({ min: 1, max: 65535 }))
      .option('--runs <folder>', 'the folder with the runs to show', 'runs')
      .action(async (options: StudioOptions) => {
        const { applicationFolder, buildApplication, needsBuild } = await import('../studio/build.ts')
        if (needsBuild()) {
          terminal.error.write('Building the studio …\n')
          await buildApplication()
        }
        const { startStudioServer } = await import('../studio/server.ts')
        const server = await startStudioServer({
          application: applicationFolder,
          runs: resolve(options.runs),
          port: options.port,
        })
        terminal.output.write(`The studio is at ${server.address}  (Ctrl-C ends it)\n`)
        if (options.open) openBrowser(server.address)
        await ended(terminal.closed)
        await server.close()
      })
  },
}

/** Resolves when the person or the shell ends the program. */
function ended(closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve()
    process.once('SIGINT', done)
    process.once('SIGTERM', done)
    closed.addEventListener('abort', done, { once: true })
  })
}

/** Asks the system to show the address; without a desktop nothing happens, and the address is on the screen. */
function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  const child = spawn(command as string, [...args, address], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
