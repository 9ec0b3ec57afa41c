/** The smallest training step, imported from parts of the library instead of its root. */
import 'cognitron/backends/wasm'
import { mse } from 'cognitron/loss'
import { Linear } from 'cognitron/nn'
import { SGD } from 'cognitron/optim'
import { compile, type Tensor, tensor } from 'cognitron/tensor'

const line = new Linear(1, 1)
const sgd = new SGD(line.parameters(), { lr: 0.1 })
const step = compile((x: Tensor, y: Tensor) => {
  const value = mse(line.forward(x), y)
  sgd.minimize(value)
  return value
})
console.log(await (await step(tensor([[2]]), tensor([[1]]))).item())
