/**
 * A training job for the command line: two spirals that no straight line can part.
 *
 *   npx cognitron train examples/spiral.ts
 *
 * The file says what to learn and from what; epochs, learning rate and the like may also be given as options.
 */
import { data, models, optim, type train } from 'cognitron'

const job: train.JobSource = ({ seed }) => ({
  name: 'spiral',
  model: () => models.mlp([2, 16, 16, 2], { activation: 'tanh' }),
  train: data.toys.spiral({ count: 1000, seed, target: 'class' }),
  test: data.toys.spiral({ count: 500, seed: seed + 1, target: 'class' }),
  optimizer: (parameters, wishes) => new optim.Adam(parameters, { lr: 0.01, ...wishes }),
  epochs: 40,
  batchSize: 20,
})

export default job
