/** The programs that are measured: how each is started and which version it is. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CompareError } from './arguments.ts'

export interface Side {
  readonly name: string
  /** The program and what it runs on, for the record. */
  readonly version: string
  /** Whether it computes on that many threads. */
  canUse(threads: number): boolean
  /** The command that measures one workload and prints a line of JSON. */
  command(workload: string, threads: number): { readonly command: readonly string[]; readonly folder?: string }
}

/** Runs a command and prints the most memory that it had as a last line of JSON. */
const withMemory = `
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(json.dumps({"peakMemoryBytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024}))
sys.exit(status)`

/** This library and the peers that can be had here. Throws CompareError where PyTorch is not among them. */
export function findPeers(root: string, jaxJsFolder?: string): { ours: Side; peers: Side[] } {
  const bench = resolve(process.env.COGNITRON_SHARED ?? resolve(root, '../shared'), 'bench')
  const peers = [pyTorch(resolve(bench, 'torch_bench.py'))]
  if (jaxJsFolder !== undefined) peers.push(jaxJs(resolve(bench, 'jaxjs_bench.mjs'), resolve(jaxJsFolder)))
  return { ours: cognitron(root), peers }
}

function cognitron(root: string): Side {
  const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string }
  return {
    name: 'cognitron',
    version: `cognitron ${version} on Node ${process.versions.node} (V8 ${process.versions.v8})`,
    canUse: () => true,
    command: (workload, threads) => ({
      command: [
        process.execPath,
        resolve(root, 'src/cli/main.ts'),
        ...['bench', '--memory', '--json', '--threads', String(threads), workload],
      ],
    }),
  }
}

function pyTorch(script: string): Side {
  mustExist(script, 'the measurements of PyTorch')
  const [python, version] = findPython()
  return {
    name: 'PyTorch',
    version,
    canUse: () => true,
    command: (workload, threads) => ({
      command: [python, '-c', withMemory, python, script, '--threads', String(threads), workload],
    }),
  }
}

/** Prints the version of PyTorch and the library that it multiplies matrices with, as far as the system tells. */
const describeTorch = `
import platform, re, torch
a = torch.ones(64, 64) @ torch.ones(64, 64)
try:
    found = re.findall(r"/lib(openblas|mkl_core|mkl_rt|blis|blas)", open("/proc/self/maps").read())
except OSError:
    found = []
names = {"openblas": "OpenBLAS", "mkl_core": "MKL", "mkl_rt": "MKL", "blis": "BLIS", "blas": "a plain BLAS"}
blas = next((" with " + names[key] for key in names if key in found), "")
print(f"PyTorch {torch.__version__}{blas} on Python {platform.python_version()}")`

/** The first Python that can import torch. */
function findPython(): [python: string, version: string] {
  const candidates = process.env.PYTHON ? [process.env.PYTHON] : ['python3', '/usr/bin/python3']
  for (const python of candidates) {
    const { status, stdout } = spawnSync(python, ['-c', describeTorch], { encoding: 'utf8' })
    if (status === 0) return [python, stdout.trim()]
  }
  throw new CompareError(
    `${candidates.join(' and ')} cannot import torch; install PyTorch or name a Python that has it in PYTHON.`,
  )
}

function jaxJs(script: string, folder: string): Side {
  mustExist(script, 'the measurements of jax-js')
  const manifest = resolve(folder, 'node_modules/@jax-js/jax/package.json')
  mustExist(manifest, 'jax-js')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return {
    name: 'jax-js',
    version: `jax-js ${version} (WebAssembly) on Node ${process.versions.node}`,
    canUse: (threads) => threads === 1,
    command: (workload) => ({ command: [process.execPath, script, workload], folder }),
  }
}

function mustExist(path: string, what: string): void {
  if (!existsSync(path)) throw new CompareError(`${what} should be at ${path}, where there is nothing.`)
}
