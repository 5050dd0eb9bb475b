namespace Muniment.Conformance.Tests.Grains;

/// <summary>Notes the calls of <see cref="IFiltered"/> and meddles with one.</summary>
public sealed class NotingFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType != typeof(IFiltered))
        {
            await context.Invoke();
            return;
        }
        Script script = Script.Of(context.TargetId.Key.ToString()!);
        script.Note($"before {context.MethodName} of {context.Grain.GetType().Name}, implemented by {context.ImplementationMethod.DeclaringType!.Name}");
        try
        {
            await context.Invoke();
            script.Note($"after {context.MethodName}: {context.Result}");
            if (context.MethodName == nameof(IFiltered.Twice)) context.Result = (int)context.Result! + 1;
        }
        catch (Exception exception)
        {
            script.Note($"failed {context.MethodName}: {exception.Message}");
            throw;
        }
    }
}

[Alias("conformance.filtered")]
public interface IFiltered : IGrainWithStringKey
{
    [Alias("twice")] Task<int> Twice(int number);

    [Alias("fail")] Task Fail();
}

[GrainType("filtered")]
public sealed class FilteredGrain : Grain, IFiltered
{
    public Task<int> Twice(int number) => Task.FromResult(2 * number);

    public async Task Fail()
    {
        await Task.Yield();
        throw new InvalidOperationException("as asked");
    }
}
