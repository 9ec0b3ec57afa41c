/** The folder that keeps downloaded files between runs. */
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The cache folder: `COGNITRON_CACHE`, else `cognitron` in the system's cache folder (XDG_CACHE_HOME or ~/.cache, ~/Library/Caches
 * on macOS, LOCALAPPDATA on Windows).
 *
 * @example
 * import { cacheFolder } from 'cognitron/data/node'
 * console.log(cacheFolder({ COGNITRON_CACHE: '/data/cache' })) // /data/cache
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  const own = environment.COGNITRON_CACHE
  if (own) return own
  // The XDG specification says that a relative path is to be ignored.
  const xdg = environment.XDG_CACHE_HOME
  if (xdg && isAbsolute(xdg)) return join(xdg, 'cognitron')
  const home = environment.HOME ?? homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'cognitron')
  if (platform === 'win32' && environment.LOCALAPPDATA) return join(environment.LOCALAPPDATA, 'cognitron', 'cache')
  return join(home, '.cache', 'cognitron')
}
