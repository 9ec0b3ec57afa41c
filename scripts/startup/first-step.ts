/** What a program does before its first result: loads the built library, makes the playground's net, compiles and runs one step. */

/** Elapsed time and processor time of all threads in milliseconds, from any origin. */
function now(): { elapsedMs: number; cpuMs: number } {
  const { user, system } = process.cpuUsage()
  return { elapsedMs: performance.now(), cpuMs: (user + system) / 1000 }
}

const before = now()
const { compile, loss, nn, optim, tensor } = await import('cognitron')
const loaded = now()
const net = new nn.Sequential(
  new nn.Linear(2, 8),
  new nn.Tanh(),
  new nn.Linear(8, 8),
  new nn.Tanh(),
  new nn.Linear(8, 1),
)
const sgd = new optim.SGD(net.parameters(), { lr: 0.03 })
const inputs = tensor(Array.from({ length: 10 }, (_, index) => [index / 10, 1 - index / 10]))
const targets = tensor(Array.from({ length: 10 }, (_, index) => [index / 5]))
const step = compile((x: typeof inputs, y: typeof targets) => {
  const value = loss.mse(net.forward(x), y)
  sgd.minimize(value)
  return value
})
const value = await (await step(inputs, targets)).item()
const done = now()

const between = (from: typeof before, to: typeof before) => ({
  elapsedMs: to.elapsedMs - from.elapsedMs,
  cpuMs: to.cpuMs - from.cpuMs,
})
console.log(JSON.stringify({ import: between(before, loaded), firstStep: between(loaded, done), loss: value }))
