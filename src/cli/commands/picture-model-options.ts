/** The options of commands that open a trained network which takes pictures. */
import { Option } from 'commander'
import { normalizationNames } from '../explain/method-names.ts'
import { modelOption, oneOf, shape } from '../options.ts'

export function pictureModelOptions(): Option[] {
  return [
    modelOption('model of a file of weights without a run'),
    new Option('--data <name>', 'data set whose classes are meant (default: that of the run)'),
    new Option('--labels <file>', 'names of the classes, one a line'),
    new Option(
      '--normalize <name>',
      `how bytes become inputs: ${normalizationNames.join(', ')} (default: as in the run, else unit, 0 to 1)`,
    ).argParser(oneOf(normalizationNames)),
    new Option(
      '--input <shape>',
      'channels, height and width of an ONNX model that does not say, such as 3x224x224',
    ).argParser(shape()),
  ]
}
