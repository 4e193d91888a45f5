// Markdown tables.

/** A table; cells are plain text or Markdown, `|` and line ends are taken care of. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(safe).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

/** As code, or nothing. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

function safe(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
