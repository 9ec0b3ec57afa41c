/** Starts the studio. */
import { render } from 'preact'
import './style/tokens.css'
import './style/parts.css'
import './style/shell.css'
import { App } from './shell/app.tsx'

// Browsers take about 30 ms to set up number formats at first use, by uPlot when its module is read. In a task of its own it blocks nobody.
setTimeout(() => new Intl.NumberFormat(navigator.language))

const root = document.getElementById('app')
if (root) render(<App />, root)
