using Muniment.Events;

namespace Muniment.Journal.Tests.Reading;

public sealed class AppendSignalTests
{
    [Fact]
    public async Task All_who_wait_for_a_tenant_are_woken_once()
    {
        var signal = new AppendSignal();
        TenantId blue = TenantId.Parse("blue"), red = TenantId.Parse("red");
        signal.Advanced(blue); // nobody waits: nothing is kept
        Task one = signal.NextAsync(blue), two = signal.NextAsync(blue), other = signal.NextAsync(red);
        Assert.False(one.IsCompleted);
        signal.Advanced(blue);
        await Task.WhenAll(one, two).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.False(other.IsCompleted);
        Assert.False(signal.NextAsync(blue).IsCompleted);
    }
}
