/** Text with ₁, ₂ and ² set as real sub- and superscripts, which the text font has. */

const parts: Readonly<Record<string, { tag: 'sub' | 'sup'; text: string }>> = {
  '₀': { tag: 'sub', text: '0' },
  '₁': { tag: 'sub', text: '1' },
  '₂': { tag: 'sub', text: '2' },
  '²': { tag: 'sup', text: '2' },
}

export function MathLabel({ text }: { text: string }) {
  return (
    <>
      {[...text].map((letter, index) => {
        const part = parts[letter]
        if (!part) return letter
        const Tag = part.tag
        return <Tag key={index}>{part.text}</Tag>
      })}
    </>
  )
}
