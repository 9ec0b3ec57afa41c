/** The Playground page. */
import './playground.css'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Button } from '../../parts/controls.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import type { PlaygroundController } from './controller.ts'
import { playgroundExports } from './exports.ts'
import { OutputPanel } from './output-panel.tsx'
import page from './page.ts'
import { PlaygroundPair } from './pair.ts'
import { PresetDialog, usePreset } from './preset-dialog.tsx'
import { presets } from './presets.ts'
import { ResultsPanel } from './results-panel.tsx'
import { Settings } from './settings.tsx'
import { SplitView } from './split-view.tsx'
import { Stage } from './stage.tsx'
import { Transport } from './transport.tsx'

export default function Playground({ address, setAddress }: PageProps) {
  const pair = useMemo(() => new PlaygroundPair(address, setAddress), [])
  const [choosing, setChoosing] = useState(false)
  useEffect(() => () => pair.dispose(), [pair])
  const play = pair.active.value
  const isSplit = pair.b.value !== undefined
  useCommands(useMemo(() => commandsOf(pair, play), [pair, play]))
  const preset = play.preset.value
  const { hideText } = play.setup.value
  const summary = preset ? preset.comment : page.summary
  return (
    <PageFrame
      title={preset ? preset.title : page.title}
      summary={hideText ? '' : summary}
      actions={
        <>
          <Button label="Experiments" icon="book" onClick={() => setChoosing(true)} />
          <Button
            label="A | B"
            pressed={isSplit}
            shortcut="Train two set-ups side by side"
            onClick={() => (isSplit ? pair.keep('A') : pair.split())}
          />
        </>
      }
      exports={playgroundExports(play)}
      transport={<Transport play={play} all={pair.all.value} />}
      settings={<Settings key={pair.side.value} play={play} />}
      stage={
        <>
          <SplitView pair={pair} />
          <Stage key={pair.side.value} play={play} />
          {choosing && <PresetDialog play={play} onClose={() => setChoosing(false)} />}
        </>
      }
      {...(isSplit
        ? {}
        : {
            results: (
              <>
                <OutputPanel play={play} />
                <ResultsPanel play={play} />
              </>
            ),
          })}
    />
  )
}

function commandsOf(pair: PlaygroundPair, play: PlaygroundController): Command[] {
  return [
    { label: 'Train or pause', group: 'Playground', keywords: 'play stop start', run: () => play.toggle() },
    { label: 'Train one epoch', group: 'Playground', keywords: 'step', run: () => play.step(-1) },
    { label: 'Train one batch', group: 'Playground', keywords: 'step', run: () => play.step(1) },
    { label: 'Start again with fresh weights', group: 'Playground', keywords: 'reset', run: () => play.reset() },
    { label: 'New points and weights', group: 'Playground', keywords: 'regenerate seed', run: () => play.regenerate() },
    { label: 'Two set-ups side by side', group: 'Playground', keywords: 'split compare A B', run: () => pair.split() },
    ...playgroundExports(play).map(({ label, run }) => ({
      label: `Export: ${label}`,
      group: 'Playground',
      run: () => void run(),
    })),
    ...presets.map(({ id, title, comment }) => ({
      label: title,
      group: 'Experiment',
      keywords: comment,
      run: () => usePreset(play, id),
    })),
  ]
}
