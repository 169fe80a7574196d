/** The little of blessed 0.1.81 that `screen.ts` uses. */
declare module 'blessed' {
  interface KeyEvent {
    full: string;
    name?: string;
    ch?: string;
    ctrl?: boolean;
    meta?: boolean;
  }
  interface MouseEvent {
    action: 'mousedown' | 'mouseup' | 'mousemove' | 'wheelup' | 'wheeldown';
    x: number;
    y: number;
  }
  interface ScreenElement {
    readonly width: number;
    readonly height: number;
    readonly program: { _write(text: string): void; flush(): void };
    on(event: 'keypress', listener: (character: string | undefined, key: KeyEvent) => void): void;
    on(event: 'mouse', listener: (event: MouseEvent) => void): void;
    on(event: 'resize', listener: () => void): void;
    render(): void;
    realloc(): void;
    destroy(): void;
  }
  interface BoxElement {
    setContent(text: string): void;
  }
  const blessed: {
    screen(options: {
      terminal?: string;
      smartCSR: boolean;
      fullUnicode: boolean;
      title?: string;
      input?: NodeJS.ReadableStream;
      output?: NodeJS.WritableStream;
    }): ScreenElement;
    box(options: {
      parent: ScreenElement;
      top: number;
      left: number;
      width: string;
      height: string;
      tags: boolean;
      wrap: boolean;
    }): BoxElement;
    Tput: { prototype: { _prefix(terminal: string): string } };
  };
  export default blessed;
}
