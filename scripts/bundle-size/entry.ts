/** What a page bundles that trains a convolutional network; `npm run size` says how large that is. */
import { compile, loss, nn, optim, type Tensor, tensor } from 'cognitron'

const net = new nn.Sequential(
  new nn.Conv2d(1, 32, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(32, 64, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Dropout(0.5),
  new nn.Linear(3136, 128),
  new nn.ReLU(),
  new nn.Linear(128, 10),
)
const adam = new optim.Adam(net.parameters())
const step = compile((pictures: Tensor, labels: Tensor) => {
  const value = loss.crossEntropy(net.forward(pictures), labels)
  adam.minimize(value)
  return value
})
const picture = new Array<number>(784).fill(0)
// Without `await` on top: bundlers split the file at that, and each half is compressed without the other.
async function train(): Promise<void> {
  const value = await step(tensor(picture).reshape(1, 1, 28, 28), tensor([3], { dtype: 'int32' }))
  console.log(await value.item())
}
train()
