/** Line icons on a 24 × 24 grid, drawn for the studio. */

export const icons = {
  play: 'M8 5.5v13l10-6.5z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  step: 'M6 5.5v13l8.5-6.5zM18 5.5v13',
  batch: 'M5 12h11M12 7.5 16.5 12 12 16.5M20 6v12',
  reset: 'M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 4.5v4h4',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1',
  download: 'M12 4.500v10M7.500 10.500 12 15l4.500-4.500M5 19.500h14',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13M15.500 15.500 20 20',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z',
  system: 'M4 5.500h16v10.500H4zM9 20h6M12 16v4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5.500v13M5.500 12h13',
  minus: 'M5.500 12h13',
  sliders: 'M4 8h9M17 8h3M15 6v4M4 16h3M11 16h9M9 14v4',
  help: 'M9.300 9.300a2.800 2.800 0 1 1 4 2.700c-.900.500-1.300 1-1.300 2M12 17.300v.200M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18',
  copy: 'M9 9h10.500v10.500H9zM15 9V4.500H4.500V15H9',
  book: 'M5 5.500c3-1 5-.500 7 1 2-1.500 4-2 7-1v13c-3-1-5-.500-7 1-2-1.500-4-2-7-1zM12 6.500v13',
  upload: 'M12 15V5M7.500 9.500 12 5l4.500 4.500M5 19.500h14',
  up: 'M12 19V5.500M6.500 11 12 5.500 17.500 11',
  down: 'M12 5v13.500M6.500 13l5.500 5.500 5.500-5.500',
  left: 'M14.500 6.500 9 12l5.500 5.500',
  right: 'M9.500 6.500 15 12l-5.500 5.500',
  undo: 'M4.500 9.500h9a5.500 5.500 0 0 1 0 11H9M8.500 5.500l-4 4 4 4',
} as const

export type IconName = keyof typeof icons

export function Icon({ name, path }: { name?: IconName; path?: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path ?? (name ? icons[name] : '')} />
    </svg>
  )
}
