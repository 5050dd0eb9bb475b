using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Muniment.Delivery.Tests.Kinds.Webhook;

/// <summary>The npm package <c>standardwebhooks</c> verifies what the product sent. STANDARDWEBHOOKS names the folder in which it was installed (npm i standardwebhooks).</summary>
public sealed class StandardLibraryTests
{
    private const string Script = """
        const { Webhook } = require('standardwebhooks');
        const all = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        for (const { secret, body, headers } of all) {
          try { new Webhook(secret).verify(body, headers); console.log('good'); } catch (e) { console.log('bad'); }
        }
        """;

    [SkippableFact]
    public async Task The_standards_own_library_verifies_the_signature()
    {
        string? folder = Environment.GetEnvironmentVariable("STANDARDWEBHOOKS");
        Skip.If(folder is null || !Directory.Exists(Path.Combine(folder, "node_modules", "standardwebhooks")), "STANDARDWEBHOOKS does not name a folder with the npm package standardwebhooks");
        Skip.IfNot(File.Exists("/usr/bin/node"), "node is not installed");
        await using StrictReceiver server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => $$$"""{"id":"d","kind":"webhook","endpoint":"{{{e}}}","credential":{"secret":"{{{server.Secret}}}"}}""");
        object Case(WireRequest request, string secret) => new
        {
            secret, body = Encoding.UTF8.GetString(request.Body),
            headers = new Dictionary<string, string?> { ["webhook-id"] = request.Header("webhook-id"), ["webhook-timestamp"] = request.Header("webhook-timestamp"), ["webhook-signature"] = request.Header("webhook-signature") },
        };
        string cases = JsonSerializer.Serialize((object[])[Case(good, server.Secret), Case(good.Edit(t => t + " "), server.Secret), Case(good, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]);
        using Process node = Process.Start(new ProcessStartInfo("/usr/bin/node", ["-e", Script]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await node.StandardInput.WriteAsync(cases);
        node.StandardInput.Close();
        string said = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.Equal("good\nbad\nbad\n", said);
    }
}
