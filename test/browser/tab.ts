/** The part of the DevTools protocol that belongs to one tab. */
interface Protocol {
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  listen(listener: (method: string, params: object) => void): void;
}

interface Look {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** Whether pages may run scripts. By default they may, so that an injected one would run. */
  readonly scripts?: boolean;
}

/** The parameters of the events that a tab listens to. */
interface Heard {
  readonly request?: { readonly url: string };
  readonly entry?: { readonly text: string };
  readonly message?: string;
}

/** One page in a browser, and everything that went wrong in it. */
export class Tab {
  /** Console errors, refused content, exceptions, and dialogs that would have needed an answer. */
  readonly complaints: string[] = [];
  /** Everything that was requested over the network. */
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

  /** Opens a page and waits until it is loaded completely. */
  async goto(url: string): Promise<void> {
    const loaded = this.nextLoad();
    const { errorText } = (await this.protocol.send('Page.navigate', { url })) as { errorText?: string };
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /** Clicks the first element that matches a selector, and waits for the page it leads to. */
  async follow(selector: string): Promise<void> {
    const loaded = this.nextLoad();
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
    await loaded;
  }

  /** Resolves when a page is loaded the next time, for whatever reason. */
  nextLoad(): Promise<void> {
    return new Promise((resolve) => (this.loaded = resolve));
  }

  /** The value of an expression in the page, as JSON. Works even if the page may not run scripts. */
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

  /** A screenshot of the whole page, as PNG. */
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
