/** The part of the DevTools protocol that belongs to one tab. */
interface Protocol {
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  listen(listener: (method: string, params: object) => void): void;
}

interface Look {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** Whether pages may run scripts; they may by default, so that one that slipped in would. */
  readonly scripts?: boolean;
}

/** The parameters of the messages that a tab listens to. */
interface Heard {
  readonly request?: { readonly url: string };
  readonly entry?: { readonly text: string };
  readonly message?: string;
}

/** One page in a browser, and everything that it complained of. */
export class Tab {
  /** What went wrong or would have needed an answer: console errors, refused content, exceptions, dialogs. */
  readonly complaints: string[] = [];
  /** Everything that was asked for over the network. */
  readonly requested: string[] = [];
  private loaded: (() => void) | undefined;

  private constructor(private readonly protocol: Protocol) {
    protocol.listen((method, params) => {
      this.hear(method, params);
    });
  }

  static async open(protocol: Protocol): Promise<Tab> {
    const tab = new Tab(protocol);
    await Promise.all(
      ['Page', 'Runtime', 'Log', 'Network'].map((domain) => protocol.send(`${domain}.enable`)),
    );
    return tab;
  }

  async look({ width, height = 900, scheme = 'light', scripts = true }: Look): Promise<void> {
    await this.protocol.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.protocol.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
    await this.protocol.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
  }

  /** Opens a page and waits until all of it is there. */
  async goto(url: string): Promise<void> {
    const loaded = this.nextLoad();
    const { errorText } = (await this.protocol.send('Page.navigate', { url })) as { errorText?: string };
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /** Clicks on the first element that a selector finds, and waits for the page it leads to. */
  async follow(selector: string): Promise<void> {
    const loaded = this.nextLoad();
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
    await loaded;
  }

  /** The next time that a page is loaded, whatever led to it. */
  nextLoad(): Promise<void> {
    return new Promise((resolve) => (this.loaded = resolve));
  }

  /** What an expression is worth in the page, as JSON. Works where the page itself may not run scripts. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.protocol.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as {
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string }; text: string };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true in the page. */
  async until(expression: string): Promise<void> {
    const frame = 'new Promise((resolve) => requestAnimationFrame(resolve))';
    await this.evaluate(`(async () => { while (!(${expression})) await ${frame}; })()`);
  }

  /** A picture of the whole page, as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.protocol.send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(String(data), 'base64');
  }

  private hear(method: string, params: Heard): void {
    if (method === 'Page.loadEventFired') this.loaded?.();
    if (params.request) this.requested.push(params.request.url);
    if (method === 'Log.entryAdded') this.complaints.push(params.entry?.text ?? '');
    if (method === 'Runtime.exceptionThrown' || method === 'Runtime.consoleAPICalled') {
      this.complaints.push(JSON.stringify(params));
    }
    if (method === 'Page.javascriptDialogOpening') {
      this.complaints.push(`A dialog opened: ${params.message ?? ''}`);
      void this.protocol.send('Page.handleJavaScriptDialog', { accept: true });
    }
  }
}
