/** Starts the studio. */
import { render } from 'preact'
import './style/tokens.css'
import './style/parts.css'
import './style/shell.css'
import { App } from './shell/app.tsx'

const root = document.getElementById('app')
if (root) render(<App />, root)
